#include "libs/resource/order.h"
