#include "libs/resource/page_token.h"
