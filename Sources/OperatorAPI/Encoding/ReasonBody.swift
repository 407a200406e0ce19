import HTTPFront
import NIOCore
import SaleCore
import SaleService

/// `{"reason":…}`, and what else a change says of itself.
enum ReasonBody {
    /// - Parameter confirmation: what `confirm` must be; `nil` where nothing is to be confirmed.
    static func read(_ body: ByteBuffer, confirmation: String? = nil) throws(Problem) -> String {
        let tree = try MemberReader.object(body)
        var reader = MemberReader()
        let members = reader.members(tree, required: confirmation == nil ? ["reason"] : ["reason", "confirm"])
        let reason = reader.reason(members?["reason"])
        if let confirmation, let confirm = reader.text(members?["confirm"], at: "confirm"), confirm != confirmation {
            reader.note("confirm", "must be \(confirmation), to mean it")
        }
        try reader.finish()
        return reason ?? ""
    }

    /// `{"add":300,"reason":…}`.
    static func readStock(_ body: ByteBuffer) throws(Problem) -> (units: Int64, reason: String) {
        let tree = try MemberReader.object(body)
        var reader = MemberReader()
        let members = reader.members(tree, required: ["add", "reason"])
        let reason = reader.reason(members?["reason"])
        let units = reader.integer(members?["add"], at: "add")
        if let units, units == 0 || units.magnitude > UInt64(SaleDefinition.stockMax) {
            reader.note("add", "must be a number of units other than 0, at most \(SaleDefinition.stockMax); a negative one takes units off sale")
        }
        try reader.finish()
        return (units ?? 0, reason ?? "")
    }

    /// `{"reason":…}`, and `event` for one event alone.
    static func readEvent(_ body: ByteBuffer) throws(Problem) -> (reason: String, event: EventPosition?) {
        let tree = try MemberReader.object(body)
        var reader = MemberReader()
        let members = reader.members(tree, required: ["reason"], optional: ["event"])
        let reason = reader.reason(members?["reason"])
        let text = reader.text(members?["event"], at: "event")
        let event = text.flatMap { EventPosition($0) }
        if text != nil, event == nil { reader.note("event", "must be the id of an event") }
        try reader.finish()
        return (reason ?? "", event)
    }
}
