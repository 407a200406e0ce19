/// The metadata keys of every log line.
package enum LogKey {
    package static let sale = "sale"
    package static let epoch = "epoch"
    package static let run = "redis.run_id"
    package static let count = "count"
    package static let error = "error"
    package static let address = "address"
}
