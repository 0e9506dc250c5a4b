"""How each data element is read: the name of a term -> its reader, a module a kind of element."""

from hooks.reading.charts import OrderReader, Reader
from hooks.reading.elements import converted, medicines, models, numbers, ordered, people

READERS: dict[str, Reader] = {
    **medicines.READERS,
    **models.READERS,
    **numbers.READERS,
    **people.READERS,
}
ORDER_READERS: dict[str, OrderReader] = {
    **converted.ORDER_READERS,
    **medicines.ORDER_READERS,
    **models.ORDER_READERS,
    **ordered.ORDER_READERS,
}
