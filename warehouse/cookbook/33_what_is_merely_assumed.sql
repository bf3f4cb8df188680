-- Which of the chain's assumptions have the figures taught nothing about?
SELECT name, sd_ratio, shift, state FROM assumptions_learned WHERE kind = 'assumption' AND state = 'assumed' ORDER BY name;
