"""Carbon: what workloads give off a year where they are and where they will be, from the least of the published figures to the most.

```
watts of a vCPU = idle + (full - idle) x use        energy = watts x 8.76 x overhead of the site        carbon = energy x grid
```
"""

from __future__ import annotations

from migration.carbon.model import EstateCarbon, Range, Side, Sum, WorkloadCarbon
from migration.carbon.now import MEASURED
from migration.carbon.reckon import SETTING, reckon

__all__ = ["MEASURED", "SETTING", "EstateCarbon", "Range", "Side", "Sum", "WorkloadCarbon", "reckon"]
