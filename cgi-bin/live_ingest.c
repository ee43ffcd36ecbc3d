/* What devices uploaded: not yet analysed. */
#include "live.h"

void *ingest_main(void *argument)
{
    (void)argument;
    return NULL;
}
