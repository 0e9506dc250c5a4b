"""How each data element is read: the name of a term -> its reader, a module a kind of element."""

from hooks.reading.charts import OrderReader, Reader
from hooks.reading.elements import (
    asked,
    calculated,
    estimates,
    findings,
    kidneys,
    models,
    numbers,
    people,
)

READERS: dict[str, Reader] = {
    **numbers.READERS,
    **calculated.READERS,
    **kidneys.READERS,
    **findings.READERS,
    **asked.READERS,
    **people.READERS,
    **models.READERS,
}
ORDER_READERS: dict[str, OrderReader] = {
    **estimates.ORDER_READERS,
    **models.ORDER_READERS,
}
