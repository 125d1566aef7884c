#include "libs/resource/validate.h"
