"""How each data element is read: the name of a term -> its reader, a module a kind of element."""

from hooks.reading.charts import OrderReader, Reader
from hooks.reading.elements import (
    asked,
    calculated,
    conditions,
    findings,
    habits,
    kidneys,
    models,
    numbers,
    people,
    pregnancy,
    series,
)

READERS: dict[str, Reader] = {
    **models.READERS,
    **numbers.READERS,
    **calculated.READERS,
    **kidneys.READERS,
    **findings.READERS,
    **asked.READERS,
    **conditions.READERS,
    **pregnancy.READERS,
    **habits.READERS,
    **series.READERS,
    **people.READERS,
}
ORDER_READERS: dict[str, OrderReader] = {
    **conditions.ORDER_READERS,
    **models.ORDER_READERS,
}
