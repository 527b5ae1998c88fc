import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * Kafka Streams, exactly once, one persistent store with its changelog, two threads.
 *
 * <p>Arguments: SERVERS REPORTS RESULTS GROUP FOLDER. A case is kept as its count and the ids seen, 16 bytes each.
 */
public final class ConsecutiveNegatives {
    private static final String STORE = "cases";
    private static final AtomicBoolean BEGUN = new AtomicBoolean();
    private static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] arguments) {
        String reports = arguments[1];
        String results = arguments[2];
        StreamsBuilder builder = new StreamsBuilder();
        builder.addStateStore(
                Stores.keyValueStoreBuilder(
                                Stores.persistentKeyValueStore(STORE), Serdes.String(), Serdes.ByteArray())
                        .withCachingEnabled());
        builder.stream(reports, Consumed.with(Serdes.String(), Serdes.ByteArray()))
                .processValues(Counting::new, STORE)
                .to(results, Produced.with(Serdes.String(), Serdes.ByteArray()));
        KafkaStreams streams = new KafkaStreams(builder.build(), settings(arguments));
        Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
        streams.start();
    }

    private static Properties settings(String[] arguments) {
        Properties settings = new Properties();
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, arguments[0]);
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, arguments[3]);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, arguments[4]);
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 2);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        return settings;
    }

    /** Counts one case's negatives; a repeated id is ignored. */
    private static final class Counting implements FixedKeyProcessor<String, byte[], byte[]> {
        private FixedKeyProcessorContext<String, byte[]> context;
        private KeyValueStore<String, byte[]> cases;

        @Override
        public void init(FixedKeyProcessorContext<String, byte[]> given) {
            context = given;
            cases = given.getStateStore(STORE);
        }

        @Override
        public void process(FixedKeyRecord<String, byte[]> record) {
            noteFirst();
            try {
                JsonNode report = JSON.readTree(record.value());
                UUID id = UUID.fromString(report.get("id").textValue());
                byte[] known = cases.get(record.key());
                if (known == null) {
                    known = new byte[4];
                }
                if (hasSeen(known, id)) {
                    return;
                }
                boolean negative = report.get("data").get("result").textValue().equals("not_detected");
                int negatives = negative ? ByteBuffer.wrap(known).getInt() + 1 : 0;
                byte[] next = ByteBuffer.allocate(known.length + 16)
                        .putInt(negatives)
                        .put(known, 4, known.length - 4)
                        .putLong(id.getMostSignificantBits())
                        .putLong(id.getLeastSignificantBits())
                        .array();
                cases.put(record.key(), next);
                context.forward(record.withValue(result(report, negatives, next.length / 16)));
            } catch (IOException error) {
                throw new UncheckedIOException(error);
            }
        }
    }

    private static boolean hasSeen(byte[] known, UUID id) {
        ByteBuffer seen = ByteBuffer.wrap(known);
        for (int at = 4; at < known.length; at += 16) {
            if (seen.getLong(at) == id.getMostSignificantBits() && seen.getLong(at + 8) == id.getLeastSignificantBits()) {
                return true;
            }
        }
        return false;
    }

    private static byte[] result(JsonNode report, int negatives, int version) throws IOException {
        String subject = report.get("subject").textValue();
        String cause = report.get("id").textValue();
        String time = report.get("time").textValue();
        ObjectNode event = JSON.createObjectNode()
                .put("specversion", "1.0")
                .put("id", cause + "/1")
                .put("source", "/services/treatment")
                .put("type", "afterward.SeverityAssessed.v1")
                .put("subject", subject)
                .put("partitionkey", subject)
                .put("time", time)
                .put("recordedtime", time)
                .put("sequence", version + "000")
                .put("causationid", cause)
                .put("correlationid", cause)
                .put("datacontenttype", "application/json")
                .put("dataschema", "urn:afterward:schema:SeverityAssessed.v1");
        ObjectNode data = event.putObject("data").put("case_id", subject).put("severity", "mild");
        data.putArray("criteria").add("negatives:" + negatives);
        data.put("protocol", "bench").put("by", "rule");
        return JSON.writeValueAsBytes(event);
    }

    /** When the clock of a run starts: seconds of the monotonic clock, as Python reads it too. */
    private static void noteFirst() {
        if (!BEGUN.get() && BEGUN.compareAndSet(false, true)) {
            Map<String, String> environment = System.getenv();
            try {
                Files.writeString(Path.of(environment.get("BENCH_FIRST")), Double.toString(System.nanoTime() / 1e9));
            } catch (IOException error) {
                throw new UncheckedIOException(error);
            }
        }
    }

    private ConsecutiveNegatives() {}
}
