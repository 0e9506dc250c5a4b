"""The Flask server: everything that does I/O."""

import os
from datetime import timedelta

from flask import Flask, Response, request

from app import errors, health, hosts, metrics, openapi, operators, pages, tracing
from app.cds import body, cors, routes, slashes
from app.feedback.store import open_store
from app.fhir.access import open_access
from app.logs import init_logging
from app.runtime import Runtime
from app.security import audit, gate
from app.security.client_knowledge import knowledge_by_client
from app.settings import Settings, UnsafeSettings, from_environment
from hooks.knowledge import Knowledge
from hooks.knowledge.lint import load_checked, unsigned


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
        open_access(settings.threads, settings.ca_file),
        open_store(settings.database_url, timedelta(days=settings.feedback_days)),
        knowledge_by_client(settings, knowledge),
    )
    app.register_blueprint(routes.bp)
    app.register_blueprint(health.bp)
    app.register_blueprint(metrics.bp)
    app.register_blueprint(openapi.bp)
    errors.init_app(app)
    tracing.init_app(app)
    hosts.init_app(app, settings)
    operators.init_app(app)
    metrics.init_app(app, knowledge.version)
    pages.init_app(app, settings)
    gate.init_app(app, settings)
    cors.init_app(app, settings.cors_origins, settings.clients)
    app.after_request(_never_cached)
    audit.init_app(app, settings)
    health.add_check(app, "audit", lambda: audit.state(app, settings.audit))
    app.after_request(body.discard_rest)
    slashes.init_app(app)
    return app


def _never_cached(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if request.method == "OPTIONS" and response.status_code == 200:
        response.headers.pop("Content-Type", None)  # there is no content
    return response
