import NIOPosix

/// Why a connection could not be opened, in few words.
enum ConnectionFailure {
    static func reason(_ error: any Error) -> String {
        guard let error = error as? NIOConnectionError else { return "\(error)" }
        return error.connectionErrors.first.map { "\($0.error)" } ?? error.dnsAError.map { "\($0)" } ?? "connection failed"
    }
}
