#include "libs/resource/mask.h"
