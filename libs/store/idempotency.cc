#include "libs/store/idempotency.h"
