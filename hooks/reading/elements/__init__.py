"""How each data element is read: the name of a term -> its reader, a module a kind of element."""

from hooks.reading.charts import OrderReader, Reader
from hooks.reading.elements import (
    asked,
    calculated,
    conditions,
    converted,
    estimates,
    findings,
    habits,
    kidneys,
    markers,
    medicines,
    models,
    numbers,
    ordered,
    people,
    pregnancy,
    series,
)

READERS: dict[str, Reader] = {
    **asked.READERS,
    **calculated.READERS,
    **conditions.READERS,
    **findings.READERS,
    **habits.READERS,
    **kidneys.READERS,
    **markers.READERS,
    **medicines.READERS,
    **models.READERS,
    **numbers.READERS,
    **people.READERS,
    **pregnancy.READERS,
    **series.READERS,
}
ORDER_READERS: dict[str, OrderReader] = {
    **conditions.ORDER_READERS,
    **converted.ORDER_READERS,
    **estimates.ORDER_READERS,
    **medicines.ORDER_READERS,
    **models.ORDER_READERS,
    **ordered.ORDER_READERS,
}
