import Foundation
import SaleCore

/// What `seckill up` says once everything runs.
struct UpBanner {
    var service: String
    var hasStorefront: Bool
    var admin: String
    /// Of the operator that was made for this stack; `nil` when operators were named.
    var operatorToken: String?
    var directory: String
    /// The header that says who buys.
    var credential: String
    /// How this program was called.
    var program: String

    /// What people look at comes first.
    private var storefront: String { hasStorefront ? "  shop     \(service)/  (buy with a click)\n" : "" }

    var text: String {
        """
        Seckill is up.

        \(storefront)  console  \(admin)/console/\(operatorToken.map { "  (operator's token: \($0))" } ?? "")
          service  \(service)
          admin    \(admin)  (/livez, /readyz?verbose, /metrics)
          logs     \(directory)/seckill.log, redis/redis.log and postgres/postgres.log beside it

        Buy one:

          curl -i \(service)/v1/sales/demo/orders \\
            -H 'Content-Type: application/json' \\
            -H '\(credential)' \\
            -d '{"sku":"phone-x","quantity":1}'

        Look at the books, from another terminal:

          . \(quoted(directory + "/env"))
          \(quoted(program)) audit
          \(quoted(program)) order list --sale demo

        Ctrl-C stops everything; the next start continues with the same data.
        """
    }
}

/// `text` as one word of a POSIX shell.
func quoted(_ text: String) -> String {
    let plain = text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
    return plain && !text.isEmpty ? text : "'" + text.replacing("'", with: "'\\''") + "'"
}
