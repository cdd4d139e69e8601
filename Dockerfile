# syntax=docker/dockerfile:1
# Two stages: the first installs the locked packages and builds the assets, the second runs as an ordinary user.

FROM python:3.11-slim-bookworm AS build
WORKDIR /srv/qingqiao
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv .venv
COPY requirements.lock ./
RUN .venv/bin/pip install --require-hashes -r requirements.lock
COPY package.json package-lock.json .npmrc pyproject.toml README.md ./
COPY assets assets
COPY app app
COPY matching matching
COPY search search
COPY templates templates
RUN .venv/bin/pip install --no-deps --no-build-isolation -e . \
 && .venv/bin/qingqiao assets \
 && rm -rf node_modules

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /srv/qingqiao --shell /usr/sbin/nologin qingqiao \
 && install -d -o qingqiao -g qingqiao -m 0700 /var/lib/qingqiao
WORKDIR /srv/qingqiao
COPY --from=build /srv/qingqiao /srv/qingqiao
ENV PATH=/srv/qingqiao/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    QINGQIAO_DATA=/var/lib/qingqiao \
    QINGQIAO_HOST=0.0.0.0
USER qingqiao
VOLUME /var/lib/qingqiao
EXPOSE 8000
ENTRYPOINT ["qingqiao"]
CMD ["web"]
