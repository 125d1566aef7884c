#include "libs/resource/visibility.h"
