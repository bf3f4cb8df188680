"""Systems around the chain, each a pure function of the joint draws: tools, materials, suppliers, ..."""
