"""How each data element is read: the name of a term -> its reader, a module a kind of element."""

from hooks.reading.charts import OrderReader, Reader
from hooks.reading.elements import asked, markers, numbers, people

READERS: dict[str, Reader] = {
    **numbers.READERS,
    **people.READERS,
    **markers.READERS,
    **asked.READERS,
}
ORDER_READERS: dict[str, OrderReader] = {}
