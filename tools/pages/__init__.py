"""README and docs carry figures that were measured; `python -m tools.pages` writes them there.

A page holds two kinds:

* a whole table between `<!-- table: NAME -->` and `<!-- end -->`; the tables are in `catalogue`;
* a number inside a sentence, `[0.938][mixed]`, whose row stands at the foot of the page:
  `[mixed]: ../results/results.csv "table1/csg2a-residual-with-gp//mixed/rmse"`.
"""
