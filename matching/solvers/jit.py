"""How the numeric kernels are compiled; the only place that knows the compiler's options.

Compiled machine code is kept by numba in the `__pycache__` folder beside each module, or below the folder named by
the environment variable NUMBA_CACHE_DIR. It is written on the first call of a kernel with a new set of types and
read afterwards; delete the `.nbi` and `.nbc` files after changing a kernel that another module's kernel calls.
Kernels release the interpreter lock, so that independent parts of a problem run in threads.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import llvmlite.ir  # pyright: ignore[reportMissingTypeStubs]
import numba
import numba.core.types
import numba.extending

_Function = TypeVar("_Function", bound=Callable[..., Any])
_NJIT: Any = numba.njit
_INTRINSIC: Callable[[Callable[..., Any]], Any] = numba.extending.intrinsic
_OPTIONS = {"cache": True, "nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}


def kernel(function: _Function) -> _Function:
    """Compile on first call; the plain function stays reachable as `.py_func`."""
    return cast("_Function", _NJIT(**_OPTIONS)(function))


def inner(function: _Function) -> _Function:
    """Compile a kernel that only other kernels call: the way in from Python, slow to compile, is left out."""
    return cast("_Function", _NJIT(no_cpython_wrapper=True, **_OPTIONS)(function))


def uncompiled(function: _Function) -> _Function:
    """Give the plain Python function behind a kernel."""
    return cast("_Function", cast("Any", function).py_func)


def prefetch(values: Any, index: Any) -> None:
    """Ask the processor to fetch `values[index]` soon; does nothing to any value, and nothing at all uncompiled.

    The address may lie outside the array: nothing is read.
    """


@_INTRINSIC
def _prefetch(_context: Any, values: Any, index: Any) -> Any:
    """Emit the processor's prefetch for reading, kept in every cache."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        offset = context.cast(builder, arguments[1], signature.args[1], numba.core.types.intp)
        byte = llvmlite.ir.IntType(8).as_pointer()
        whole = llvmlite.ir.IntType(32)
        address = builder.bitcast(builder.gep(array.data, [offset]), byte)
        form = llvmlite.ir.FunctionType(llvmlite.ir.VoidType(), [byte, whole, whole, whole])
        call = builder.module.declare_intrinsic("llvm.prefetch", [byte], form)
        builder.call(call, [address, whole(0), whole(3), whole(1)])
        return context.get_dummy_value()

    return numba.core.types.void(values, index), emit


@numba.extending.overload(prefetch, strict=False)
def _compiled_prefetch(values: Any, index: Any) -> Callable[[Any, Any], None]:  # noqa: ARG001 - the names are matched
    """Use the processor's instruction where kernels are compiled."""

    def inner(values: Any, index: Any) -> None:
        _prefetch(values, index)  # pyright: ignore[reportCallIssue]  # the compiler gives the context

    return inner
