"""What the service knows and decides: no Flask, no network, no clock."""

from hooks import order_select, order_sign, patient_view

SERVICES = {
    service.id: service
    for service in (order_select.SERVICE, order_sign.SERVICE, patient_view.SERVICE)
}
