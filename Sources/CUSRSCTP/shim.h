#ifndef GOLIVE_CUSRSCTP_H
#define GOLIVE_CUSRSCTP_H
#define INET 1
#define INET6 1
#include <usrsctp.h>
#endif
