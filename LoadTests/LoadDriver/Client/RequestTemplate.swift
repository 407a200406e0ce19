import NIOCore

/// The bytes of a purchase request, of which only the user changes.
struct RequestTemplate: Sendable {
    private let head: [UInt8]
    /// Between the user and the key, if there is one.
    private let keyHead: [UInt8]?
    private let tail: [UInt8]
    private let names: UserNames
    private let credentials: Credentials

    init(target: Target, purchase: PurchaseSettings, names: UserNames, credentials: Credentials) {
        let body = "{\"sku\":\"\(purchase.sku)\",\"quantity\":\(purchase.quantity)}"
        var head = "POST \(target.path)/v1/sales/\(purchase.sale)/orders HTTP/1.1\r\nHost: \(target.authority)\r\n"
        head += "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
        if purchase.prefersAsync { head += "Prefer: respond-async\r\n" }
        switch credentials {
        case .trustedHeader: head += "X-User-Id: "
        case .tokens: head += "Authorization: Bearer "
        }
        self.head = Array(head.utf8)
        self.keyHead = purchase.sendsKeys ? Array("\r\nIdempotency-Key: \"".utf8) : nil
        self.tail = Array(((purchase.sendsKeys ? "\"" : "") + "\r\n\r\n" + body).utf8)
        self.names = names
        self.credentials = credentials
    }

    /// Replaces the content of `buffer` by the request of `user`. The key is the user's name: it stands for the user's one intention to buy, so
    /// that duplicates and later visits carry the same.
    func write(user: Int, into buffer: inout ByteBuffer) {
        buffer.clear()
        buffer.writeBytes(head)
        switch credentials {
        case .trustedHeader: writeName(user, into: &buffer)
        case .tokens(let table): buffer.writeBytes(table.token(of: user))
        }
        if let keyHead {
            buffer.writeBytes(keyHead)
            writeName(user, into: &buffer)
        }
        buffer.writeBytes(tail)
    }

    private func writeName(_ user: Int, into buffer: inout ByteBuffer) {
        buffer.writeString(names.prefix)
        var divisor = 1
        for _ in 1..<max(names.width, 1) { divisor *= 10 }
        while divisor > 0 {
            buffer.writeInteger(UInt8(ascii: "0") + UInt8(user / divisor % 10))
            divisor /= 10
        }
    }
}

/// What every purchase of the run has in common.
struct PurchaseSettings: Sendable {
    var sale: String
    var sku: String
    var quantity: Int
    var prefersAsync: Bool
    var sendsKeys: Bool
}
