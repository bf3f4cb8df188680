-- Looks at every value: a block of the file that is damaged does not pass.
SELECT count(*), bit_xor(hash(whole)) FROM {{catalog}}.{{table}} whole;
