import Glibc

/// What `errno` means, for a person.
package func errorText(_ number: Int32 = errno) -> String {
    // Copied at once: the next call may overwrite it (strerror(3)).
    unsafe String(cString: strerror(number))
}
