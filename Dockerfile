# The production image: web server, Celery worker and beat are one image, three commands
# (docker-compose.yml). Build: docker build -t keywork .

FROM python:3.11-slim-bookworm AS requirements
WORKDIR /build
RUN python -m venv /opt/venv
COPY requirements/base.txt requirements/extras.txt ./
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes \
        -r base.txt -r extras.txt

FROM python:3.11-slim-bookworm
# Fonts and Pango: printed pages are drawn on the server.
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        fonts-dejavu-core fonts-roboto-unhinted libpango-1.0-0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin keywork

ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=keywork.settings \
    DEBUG=0 \
    KEYWORK_DATA_DIR=/app/var

WORKDIR /app
COPY --from=requirements /opt/venv /opt/venv
COPY . .
# The key serves this one command and is in no setting of the image; a start without
# a SECRET_KEY of one's own is refused. Uploads are a volume; collected static files
# are not, or an upgrade would keep serving the old ones.
RUN SECRET_KEY=only-while-static-files-are-collected \
        python manage.py collectstatic --noinput \
    && mkdir -p var/media \
    && chown -R keywork: var

USER keywork
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=4 \
    CMD ["python", "scripts/container_health.py", "web"]

# WEB_CONCURRENCY sets the number of processes (about one per core, and one more).
CMD ["gunicorn", "keywork.wsgi:application", "--bind=0.0.0.0:8000", "--threads=4", \
     "--worker-tmp-dir=/dev/shm", "--max-requests=5000", "--max-requests-jitter=500", \
     "--logger-class=keywork.gunicorn_logger.Logger", "--access-logfile=-", \
     "--access-logformat=%(t)s %(m)s %(U)s %(s)s %(b)s %(L)s", \
     "--no-control-socket"]
