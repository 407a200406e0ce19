// The protocol reader alone: SwiftNIO supplies the socket.
#include <hiredis/read.h>
#include <hiredis/hiredis.h>
