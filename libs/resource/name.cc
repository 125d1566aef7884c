#include "libs/resource/name.h"
