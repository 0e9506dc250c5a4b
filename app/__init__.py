"""The Flask server: everything that does I/O."""

import os
from concurrent.futures import ThreadPoolExecutor

from flask import Flask, Response, request

from app import errors, health, metrics, openapi
from app.cds import body, cors, routes, slashes
from app.feedback.store import open_store
from app.fhir.session import new_session
from app.logs import get_logger, init_logging
from app.runtime import Runtime
from app.settings import Settings, UnsafeSettings, from_environment
from hooks.knowledge import Knowledge
from hooks.knowledge.lint import load_checked, unsigned

FETCH_THREADS = 64  # a thread that a slow server holds is given up, not waited for


def create_app(settings: Settings | None = None, knowledge: Knowledge | None = None) -> Flask:
    """Wire the server together; refuses to start on bad knowledge or unsafe settings."""
    settings = settings or from_environment(os.environ)
    knowledge = knowledge or load_checked(settings.knowledge, settings.policy)
    if settings.require_review and (rules := unsigned(knowledge)):
        raise UnsafeSettings([f"{rule}: nobody has signed this rule" for rule in rules])
    init_logging()
    app = Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.extensions["rxhooks"] = Runtime(
        settings,
        knowledge,
        new_session(),
        ThreadPoolExecutor(FETCH_THREADS, "fhir"),
        open_store(settings.database_url),
    )
    app.register_blueprint(routes.bp)
    app.register_blueprint(health.bp)
    app.register_blueprint(metrics.bp)
    app.register_blueprint(openapi.bp)
    errors.init_app(app)
    metrics.init_app(app, knowledge.version)
    cors.init_app(app, settings.cors_origins)
    app.after_request(_never_cached)
    app.after_request(body.discard_rest)
    slashes.init_app(app)
    if settings.open:
        get_logger().warning("open: clients are not authenticated")
    return app


def _never_cached(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if request.method == "OPTIONS" and response.status_code == 200:
        response.headers.pop("Content-Type", None)  # there is no content
    return response
