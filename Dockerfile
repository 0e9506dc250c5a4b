# Two stages: the first installs and checks, the second runs: no compiler, no package manager's cache, no root.
FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/rxhooks
COPY requirements.lock /src/
RUN /opt/rxhooks/bin/pip install --quiet --require-hashes -r /src/requirements.lock
WORKDIR /srv/rxhooks
COPY app app
COPY hooks hooks
COPY sandbox sandbox
# A knowledge file that is not sound never becomes an image.
RUN PYTHONDONTWRITEBYTECODE=1 /opt/rxhooks/bin/python -m app.cli lint && /opt/rxhooks/bin/python -m compileall -q app hooks sandbox
RUN printf '#!/opt/rxhooks/bin/python\nimport sys\nfrom app.cli import main\nsys.exit(main())\n' > /opt/rxhooks/bin/rxhooks \
    && chmod 755 /opt/rxhooks/bin/rxhooks

FROM python:3.11-slim
ENV PATH=/opt/rxhooks/bin:$PATH PYTHONPATH=/srv/rxhooks PYTHONDONTWRITEBYTECODE=1 \
    RXHOOKS_BIND=0.0.0.0:8080 RXHOOKS_DATABASE_URL=sqlite:////tmp/feedback.db
RUN useradd --system --uid 10001 --no-create-home rxhooks
COPY --from=build /opt/rxhooks /opt/rxhooks
COPY --from=build /srv/rxhooks /srv/rxhooks
WORKDIR /srv/rxhooks
USER 10001
EXPOSE 8080
# The file system may be read-only; /tmp has to be writable (a tmpfs will do).
HEALTHCHECK --interval=30s --timeout=3s --start-period=5s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/health/ready', timeout=2)"]
CMD ["rxhooks", "serve"]
