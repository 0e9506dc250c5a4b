"""The bare handler: Flask that parses the whole body with orjson and echoes one small object."""

import orjson
from flask import Flask, Response, request

app = Flask(__name__, static_folder=None)


@app.post("/")
def echo() -> Response:
    call = orjson.loads(request.get_data(cache=False))
    body = {"hook": call["hook"], "hookInstance": call["hookInstance"], "cards": []}
    return Response(orjson.dumps(body), mimetype="application/json")
