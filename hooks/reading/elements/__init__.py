"""How each data element is read: the name of a term -> its reader, a module a kind of element."""

from hooks.reading.charts import OrderReader, Reader
from hooks.reading.elements import (
    asked,
    calculated,
    estimates,
    findings,
    kidneys,
    markers,
    models,
    numbers,
    people,
)

READERS: dict[str, Reader] = {
    **asked.READERS,
    **calculated.READERS,
    **findings.READERS,
    **kidneys.READERS,
    **markers.READERS,
    **models.READERS,
    **numbers.READERS,
    **people.READERS,
}
ORDER_READERS: dict[str, OrderReader] = {
    **estimates.ORDER_READERS,
    **models.ORDER_READERS,
}
