"""The smallest HealthChain service, with plain dictionaries; runs in an environment of its own.

.bench/healthchain/bin/python tests/bench/healthchain_service.py PORT
"""

import sys

from healthchain.gateway import CDSHooksService, HealthChainAPI
from healthchain.models.requests.cdsrequest import CDSRequest
from healthchain.models.responses.cdsresponse import CDSResponse

service = CDSHooksService()


@service.hook("order-select", id="bench")
def order_selected(_request: CDSRequest) -> CDSResponse:
    return CDSResponse(
        cards=[
            {
                "summary": "Do not use abacavir: HLA-B*57:01 positive",
                "indicator": "critical",
                "detail": "Choose another antiretroviral drug.",
                "source": {"label": "CPIC guideline"},
            }
        ]
    )


if __name__ == "__main__":
    app = HealthChainAPI()
    app.register_service(service)
    app.run(host="127.0.0.1", port=int(sys.argv[1]), log_level="error", access_log=False)
