import CCrypto

/// libcrypto keeps the reasons of failures in a queue of the thread, and who looks into it next
/// takes them for its own: libpq would report a token's bad signature as the reason why a
/// connection failed (https://docs.openssl.org/3.0/man3/ERR_get_error/). So each entrance of this
/// module leaves the queue empty.
enum ErrorQueue {
    static func emptied<Value: ~Copyable, Failure: Error>(_ body: () throws(Failure) -> Value) throws(Failure) -> Value {
        defer { ERR_clear_error() }
        return try body()
    }
}
