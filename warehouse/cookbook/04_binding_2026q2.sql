-- What limits shipments in 2026Q2: demand, HBM or CoWoS?
SELECT stage, probability, mcse FROM binding_forecast WHERE period = '2026Q2' ORDER BY probability DESC;
