#ifndef GOLIVE_CSRTP_H
#define GOLIVE_CSRTP_H
#include <srtp2/srtp.h>
#endif
