/// CPU of one process and its descendants per request.
package struct ProcessCost: Sendable, Equatable, Codable {
    package var process: String
    package var microsecondsPerRequest: Double
    package var isServer: Bool

    package init(process: String, microsecondsPerRequest: Double, isServer: Bool) {
        self.process = process
        self.microsecondsPerRequest = microsecondsPerRequest
        self.isServer = isServer
    }
}

extension [ProcessCost] {
    /// Of all servers together.
    package var ofServers: Double { filter(\.isServer).reduce(0) { $0 + $1.microsecondsPerRequest } }

    package func of(_ process: String) -> Double? { first { $0.process == process }?.microsecondsPerRequest }
}
