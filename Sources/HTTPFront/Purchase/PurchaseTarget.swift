/// The target of a purchase, `/v1/sales/{sale}/orders`, in its literal form; a query is ignored.
/// Any other spelling is the router's business.
enum PurchaseTarget {
    private static let prefix = "/v1/sales/"
    private static let suffix = "/orders"

    /// The sale's name as it stands in the target, its grammar unchecked; `nil` for another route.
    static func sale(in target: String) -> Substring? {
        guard target.hasPrefix(prefix) else { return nil }
        let path = target.utf8.firstIndex(of: UInt8(ascii: "?")).map { target[..<$0] } ?? target[...]
        guard path.hasSuffix(suffix), path.utf8.count > prefix.utf8.count + suffix.utf8.count else { return nil }
        let sale = path.dropFirst(prefix.utf8.count).dropLast(suffix.utf8.count)
        return sale.utf8.contains(UInt8(ascii: "/")) ? nil : sale
    }
}
