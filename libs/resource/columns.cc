#include "libs/resource/columns.h"
