import NIOPosix

/// Why a connection could not be opened.
package enum ConnectionFailure {
    /// In few words.
    package static func reason(_ error: any Error) -> String {
        guard let failure = error as? NIOConnectionError else { return "\(error)" }
        return failure.connectionErrors.first.map { "\($0.error)" } ?? failure.dnsAError.map { "\($0)" } ?? "connection failed"
    }

    /// What NIO was told by the system, or by its own clock.
    static func cause(_ error: any Error) -> any Error {
        (error as? NIOConnectionError)?.connectionErrors.first?.error ?? error
    }
}
