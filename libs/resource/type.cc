#include "libs/resource/type.h"
