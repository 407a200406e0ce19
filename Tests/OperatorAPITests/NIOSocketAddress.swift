import NIOCore

enum NIOSocketAddress {
    static func address(_ text: String) throws -> SocketAddress { try SocketAddress(ipAddress: text, port: 9090) }
}
