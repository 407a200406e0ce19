import Foundation
import LoadClient
import LoadModel
import NIOCore
import SaleCore

/// What every purchase of the run has in common.
struct PurchaseSettings: Sendable {
    var sale: String
    var sku: String
    var quantity: Int
    var prefersAsync: Bool
}

/// Writes the bytes of requests. Those of a purchase are made once, but for what changes with the
/// user.
struct RequestWriter: Sendable {
    private let purchaseHead: [UInt8]
    private let purchaseBody: [UInt8]
    private let pathAndAuthority: (path: String, authority: String)
    private let cohorts: [Cohort]
    private let names: UserNames
    private let credentials: BuyerCredentials
    private let payments: PaymentWriter?

    /// - Parameter payments: needed when a cohort pays.
    init(
        target: Target, purchase: PurchaseSettings, cohorts: [Cohort], names: UserNames, credentials: BuyerCredentials,
        payments: PaymentWriter? = nil
    ) {
        let body = "{\"sku\":\"\(purchase.sku)\",\"quantity\":\(purchase.quantity)}"
        var head = "POST \(target.path)/v1/sales/\(purchase.sale)/orders HTTP/1.1\r\nHost: \(target.authority)\r\n"
        head += "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
        if purchase.prefersAsync { head += "Prefer: respond-async\r\n" }
        purchaseHead = Array(head.utf8)
        purchaseBody = Array(("\r\n\r\n" + body).utf8)
        pathAndAuthority = (target.path, target.authority)
        self.cohorts = cohorts
        self.names = names
        self.credentials = credentials
        self.payments = payments
    }

    /// Replaces the content of `buffer` by `request`.
    func write(_ request: LoadRequest, into buffer: inout ByteBuffer) {
        buffer.clear()
        switch request.action {
        case .buy(let intention):
            buffer.writeBytes(purchaseHead)
            writeOrigin(of: request, into: &buffer)
            writeCredentials(request.user, into: &buffer)
            if cohorts[request.cohort].sendsKeys { writeKey(request.user, intention, into: &buffer) }
            buffer.writeBytes(purchaseBody)
        case .cancel(let order, _):
            buffer.writeString(
                "POST \(pathAndAuthority.path)/v1/orders/\(order)/cancel HTTP/1.1\r\nHost: \(pathAndAuthority.authority)\r\nContent-Length: 0\r\n")
            writeOrigin(of: request, into: &buffer)
            writeCredentials(request.user, into: &buffer)
            buffer.writeStaticString("\r\n\r\n")
        case .pay(let order, let succeeds):
            guard let payments else { fatalError("a cohort pays, and nobody said with which secret") }
            let (body, signature) = payments.event(for: order, succeeds: succeeds, now: Int(Date().timeIntervalSince1970))
            buffer.writeString(
                "POST \(pathAndAuthority.path)/v1/payments/events HTTP/1.1\r\nHost: \(pathAndAuthority.authority)\r\n"
                    + "Content-Type: application/json\r\nSeckill-Signature: \(signature)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        }
    }

    private func writeCredentials(_ user: Int, into buffer: inout ByteBuffer) {
        switch credentials {
        case .trustedHeader:
            buffer.writeStaticString("X-User-Id: ")
            writeName(user, into: &buffer)
        case .tokens(let table):
            buffer.writeStaticString("Authorization: Bearer ")
            buffer.writeBytes(table.token(of: user))
        }
    }

    /// The key is the user's name, and the number of his wish when it is not the first: repetitions
    /// of a wish carry the same.
    private func writeKey(_ user: Int, _ intention: Int, into buffer: inout ByteBuffer) {
        buffer.writeStaticString("\r\nIdempotency-Key: \"")
        writeName(user, into: &buffer)
        if intention > 0 { buffer.writeString("-\(intention)") }
        buffer.writeStaticString("\"")
    }

    /// Addresses of the block that is reserved for benchmarks (RFC 2544), so that they are
    /// nobody's.
    private func writeOrigin(of request: LoadRequest, into buffer: inout ByteBuffer) {
        switch cohorts[request.cohort].origin {
        case .unstated: break
        case .shared: buffer.writeString("X-Forwarded-For: 198.19.255.255\r\n")
        case .own: buffer.writeString("X-Forwarded-For: 198.18.\(request.user >> 8 & 255).\(request.user & 255)\r\n")
        }
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
