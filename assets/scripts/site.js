/* Small comforts; every page works without them. No third party, no eval, nothing stored on the device. */
(() => {
  "use strict";

  const NEUTRAL = "https://www.baidu.com/";
  const DOUBLE_PRESS_MS = 1500;
  const RECOVER_MS = 8000;

  /* Quick exit: hide at once, then replace this page so that “back” does not return to it. */
  const leave = () => {
    document.title = "百度一下";
    document.body.hidden = true;
    window.location.replace(NEUTRAL);
  };

  let lastEscape = 0;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const now = Date.now();
    if (document.querySelector("[data-quick-exit]") && now - lastEscape < DOUBLE_PRESS_MS) {
      leave();
      return;
    }
    lastEscape = now;
    closeMenus(null);
  });

  /* Menus made of <details> close when one clicks elsewhere. */
  const closeMenus = (except) => {
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
      if (menu !== except) menu.open = false;
    });
  };

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (!target) return;
    if (target.closest("[data-quick-exit]")) {
      event.preventDefault();
      leave();
      return;
    }
    closeMenus(target.closest("details[data-menu]"));
    const copy = target.closest("[data-copy]");
    if (copy && navigator.clipboard) {
      navigator.clipboard.writeText(copy.dataset.copy).then(() => { copy.textContent = "已复制"; });
    }
    if (target.closest("[data-print]")) window.print();
  });

  /* One question at a time: opening a confirmation closes the others. */
  document.addEventListener("toggle", (event) => {
    const box = event.target;
    if (!(box instanceof HTMLDetailsElement) || !box.open || !("confirm" in box.dataset)) return;
    document.querySelectorAll("details[data-confirm][open]").forEach((other) => {
      if (other !== box) other.open = false;
    });
  }, true);

  /* A form is sent once; its button says so. It recovers when the browser comes back to this page. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    const button = event.submitter || form.querySelector("button[type=submit]");
    if (button) button.setAttribute("aria-disabled", "true");
    window.setTimeout(recover, RECOVER_MS); // An answer may be a file, and the page stays.
  });
  const recover = () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      form.querySelectorAll("[aria-disabled]").forEach((button) => button.removeAttribute("aria-disabled"));
    });
  };
  window.addEventListener("pageshow", recover);

  /* Characters as a person counts them, as the server does. */
  const count = (box) => {
    const line = document.getElementById(`c-${box.name}`);
    if (!line) return;
    const left = Number(box.dataset.count) - Array.from(box.value.trim()).length;
    line.textContent = left >= 0 ? `还可以写 ${left} 个字` : `超出 ${-left} 个字`;
    line.classList.toggle("over", left < 0);
  };

  /* Chosen pictures are shown before they are sent; a name stands for what cannot be shown. */
  const preview = (input) => {
    const list = document.getElementById(input.dataset.preview);
    if (!list) return;
    list.querySelectorAll("img").forEach((picture) => URL.revokeObjectURL(picture.src));
    list.replaceChildren(...Array.from(input.files, (file) => {
      const item = document.createElement("li");
      if (/^image\/(jpeg|png|webp|gif|avif)$/.test(file.type)) {
        const picture = document.createElement("img");
        picture.src = URL.createObjectURL(file);
        picture.alt = "";
        item.append(picture);
      }
      const name = document.createElement("span");
      name.className = "small-print";
      name.textContent = file.name;
      item.append(name);
      return item;
    }));
    list.hidden = list.children.length === 0;
  };

  document.addEventListener("input", (event) => {
    if (event.target.dataset && event.target.dataset.count) count(event.target);
  });
  document.addEventListener("change", (event) => {
    const field = event.target;
    if (!field.dataset) return;
    if (field.dataset.preview) preview(field);
    if ("autosubmit" in field.dataset && field.form) field.form.requestSubmit();
  });

  const prepare = (root) => {
    root.querySelectorAll("[data-count]").forEach(count);
    const wrong = root.querySelector("[data-focus]");
    if (wrong) wrong.focus();
  };
  document.addEventListener("htmx:load", (event) => prepare(event.detail.elt));
  prepare(document);
})();
