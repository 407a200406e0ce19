// Nothing is to be called from here: the library is preloaded (ld.so(8), LD_PRELOAD) into the process whose clock is to be wrong.
