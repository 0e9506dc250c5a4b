"""How each data element is read: the name of a term -> its reader, a module a kind of element."""

from hooks.reading.charts import OrderReader, Reader
from hooks.reading.elements import models, numbers, people

READERS: dict[str, Reader] = {
    **models.READERS,
    **numbers.READERS,
    **people.READERS,
}
ORDER_READERS: dict[str, OrderReader] = {**models.ORDER_READERS}
