/// The metadata keys of every log line.
package enum LogKey {
    package static let sale = "sale"
    package static let epoch = "epoch"
    package static let run = "redis.run_id"
    package static let redis = "redis.url"
    package static let order = "order"
    package static let orders = "orders"
    package static let count = "count"
    package static let endpoint = "endpoint"
    package static let event = "event"
    /// Of the payment provider.
    package static let paymentEvent = "payment_event"
    package static let state = "state"
    package static let error = "error"
    package static let address = "address"
    package static let adminAddress = "admin_address"
    package static let drainDelay = "drain_delay"
    package static let requestID = "request_id"
    /// What Hummingbird calls a request that has a name already.
    package static let hummingbirdRequestID = "hb.request.id"
    package static let trace = "trace_id"
    package static let method = "method"
    package static let path = "path"
    package static let status = "status"
    package static let code = "code"
    package static let microseconds = "duration_us"
    /// How often a line came again without being told.
    package static let repeated = "repeated"

    /// Those whose value differs from event to event although the same thing happened: they do not
    /// keep a line from being a repetition.
    package static let ofOneEvent: Set<String> = [epoch, order, count, requestID, trace]
}

/// The messages none of whose lines is the repetition of another: each tells of another request or
/// order.
package enum LogMessage {
    /// Of the access log.
    package static let requestAnswered = "request answered"
    package static let orderCancelled = "order cancelled"
    package static let paymentRecorded = "payment recorded"
    package static let refundRecorded = "refund recorded"

    package static let neverRepeated: Set<String> = [requestAnswered, orderCancelled, paymentRecorded, refundRecorded]
}
